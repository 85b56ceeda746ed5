"""From files to predictions, with what the network says of how well it knows such images."""
