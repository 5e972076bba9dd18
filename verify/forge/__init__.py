"""Source repositories as git has them: what may be asked, fetched, kept and read."""
