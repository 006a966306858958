"""Values: what callaudit knows about calls, free of engines, files and databases."""
