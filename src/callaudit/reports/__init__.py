"""What reviewers read: one HTML file, tables for Excel and for programs, and lines for a terminal.

Everything here is given values of the domain and never a database connection.
"""
