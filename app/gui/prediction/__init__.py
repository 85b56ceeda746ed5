"""What the network says of the image in view, and which model and operating point say it."""
