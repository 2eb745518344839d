"""Phase 1: understand images, names and Docker Hub. One function per exercise."""
