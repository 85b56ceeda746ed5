"""Whether the network may judge an image, by header and picture.

What the network itself says of that is in inference.
"""
