"""The second audit: reads the finished pages back and reckons as their readers can."""
