"""The reader's own reading: keys, fields, undo, blinded reading."""
