"""Phase 4: publish. One function per exercise, in the notebook's order."""
