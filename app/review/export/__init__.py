"""What leaves the program: one module for each format, all from one ``ReviewedImage``."""
