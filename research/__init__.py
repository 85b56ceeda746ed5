"""How the bundled networks were made and measured: each command leaves its record in docs."""
