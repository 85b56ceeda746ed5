"""What a training folder holds: images, labels, patients, splits; and their random variants."""
