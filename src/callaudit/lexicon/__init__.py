"""Forbidden phrases (服务禁语): what they are, the files they live in, finding them in text, checking them."""
