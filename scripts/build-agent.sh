#!/bin/bash
mkdir -p "$1"; cp /work/tmp/base/stub/fc-agent "$1/"
