"""What we believe before anything is looked at: Sigstore's trusted root, and the keys of registries."""
