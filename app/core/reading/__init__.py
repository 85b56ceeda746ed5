"""What a reader says of an image: verdicts, marks and measures; nothing computed by a network."""
