"""Sending to DICOM nodes, and the sign that the window listens."""
