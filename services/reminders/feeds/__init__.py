"""One pure adapter a feed format: bytes in, listings, results and rejections out."""
