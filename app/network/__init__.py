"""DICOM over the network: receiving, sending, echoing. No Qt, no TensorFlow."""
