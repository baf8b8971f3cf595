#!/usr/bin/env python3
"""fuzz_seeds.py TARGET BPFC FOLDER: seeds for a libFuzzer target, made of tests/data."""
import pathlib
import struct
import subprocess
import sys

DATA = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data"
PCAP_HEADER = 24
RECORD_HEADER = 16
MOST_PROGRAMS = 200


def filters():
    """The expressions for Ethernet."""
    for line in (DATA / "expressions.txt").read_text().splitlines():
        link_type, tab, text = line.partition("\t")
        if tab and link_type == "EN10MB":
            yield text


def packets():
    """The first packets of the captures that are pcap in this byte order."""
    for path in sorted(DATA.glob("*.pcap")):
        data = path.read_bytes()
        if data[:4] != b"\xd4\xc3\xb2\xa1":
            continue
        at = PCAP_HEADER
        for _ in range(10):
            if at + RECORD_HEADER > len(data):
                break
            (size,) = struct.unpack_from("<I", data, at + 8)
            yield data[at + RECORD_HEADER : at + RECORD_HEADER + size]
            at += RECORD_HEADER + size


def compile_seeds(_):
    for text in filters():
        for options in (0x00, 0x80):
            yield bytes([options]) + text.encode()


def program_seeds(bpfc):
    some = list(packets())
    for number, text in enumerate(list(filters())[:MOST_PROGRAMS]):
        done = subprocess.run([bpfc, "-ddd", text], capture_output=True, text=True)
        if done.returncode != 0:
            continue
        rows = [[int(word) for word in line.split()] for line in done.stdout.splitlines()[1:]]
        if len(rows) > 127:
            continue
        program = b"".join(struct.pack("<HBBI", *row) for row in rows)
        for rules in (0, 1):
            yield bytes([len(rows) << 1 | rules, 0]) + program + some[number % len(some)]


def capture_seeds(_):
    for path in sorted(DATA.glob("*.pcap*")):
        yield path.read_bytes()[:4096]


def differential_seeds(_):
    some = list(packets())
    for number, text in enumerate(filters()):
        if len(text) < 256:
            yield bytes([len(text)]) + text.encode() + some[number % len(some)]


SEEDS = {
    "compile": compile_seeds,
    "program": program_seeds,
    "capture": capture_seeds,
    "differential": differential_seeds,
}


def main():
    target, bpfc, folder = sys.argv[1:]
    for number, seed in enumerate(SEEDS[target](bpfc)):
        (pathlib.Path(folder) / f"seed-{number}").write_bytes(seed)


main()
