"""What a run returns: columns, their manifest, files and Neo objects."""
