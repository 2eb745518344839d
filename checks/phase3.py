"""Phase 3: `docker export` and `docker import`. One function per exercise."""
