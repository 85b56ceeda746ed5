"""Decoders that a file may crash, in processes of their own.

What they decode is in dicom and image.
"""
