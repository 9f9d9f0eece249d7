"""Proved pages become files on disk, whole or not at all."""
