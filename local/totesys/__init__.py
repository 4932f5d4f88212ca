"""ToteSys: the database of a business that sells tote bags, with somebody at work in it."""
