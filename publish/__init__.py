"""What is published: pictures and pages made from the course."""
