"""The list of images: rows, order, filter, thumbnails, and what arrives by itself."""
