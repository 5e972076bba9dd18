"""What the user asked about: names, purls, launch lines and paths, parsed and not looked up."""
