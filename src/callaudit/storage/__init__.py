"""Where outcomes are kept: schema, migrations and the store. The only room that speaks SQL."""
