"""What networks do by theory: from the same definitions, without a simulator."""
