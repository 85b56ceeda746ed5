"""DICOM files in: header, frames, windows, overlays and tags.

Nothing of other formats or of networks.
"""
