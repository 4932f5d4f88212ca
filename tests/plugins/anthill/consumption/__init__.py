"""Tests of the room consumption; they share a workspace."""
