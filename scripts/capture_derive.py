#!/usr/bin/env python3
"""Makes captures of other link types, encapsulations and file formats out of real ones.

Run by scripts/make-captures with the folder that holds what it has captured.
"""

import socket
import struct
import sys

from capture_files import PcapngBytes, read_pcap, pcap_bytes, write_pcap

ETHERNET, NULL, RAW, LOOP, IPV4, IPV6, SLL2 = 1, 0, 101, 108, 228, 229, 276
# The ends of the tunnels that carry frames.
OUTER_MACS = bytes.fromhex("020000000002020000000001")
OUTER4 = socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2")
OUTER6 = socket.inet_pton(socket.AF_INET6, "2001:db8::1") + socket.inet_pton(
    socket.AF_INET6, "2001:db8::2"
)


def ether_type(frame):
    return struct.unpack_from("!H", frame, 12)[0]


def is_version(packet, version):
    return ether_type(packet.data) == {4: 0x0800, 6: 0x86DD}[version]


def ip_of(packets):
    """The IP packets in Ethernet frames, without their padding."""
    found = []
    for packet in packets:
        kind = ether_type(packet.data)
        if kind == 0x0800:
            length = struct.unpack_from("!H", packet.data, 16)[0]
        elif kind == 0x86DD:
            length = 40 + struct.unpack_from("!H", packet.data, 18)[0]
        else:
            continue
        found.append(packet.replaced(packet.data[14 : 14 + length]))
    return found


def family(data, order, six):
    return struct.pack(order + "I", six if data[0] >> 4 == 6 else 2)


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF ^ total


def in_udp4(payload, port):
    total = 20 + 8 + len(payload)
    fields = struct.pack("!BBHHHBBH", 0x45, 0, total, 0, 0x4000, 64, 17, 0) + OUTER4
    header = fields[:10] + struct.pack("!H", checksum(fields)) + fields[12:]
    udp = struct.pack("!HHHH", 49152 + len(payload) % 1000, port, 8 + len(payload), 0)
    return OUTER_MACS + b"\x08\x00" + header + udp + payload


def in_udp6(payload, port):
    header = struct.pack("!IHBB", 6 << 28, 8 + len(payload), 17, 64) + OUTER6
    udp = struct.pack("!HHHH", 49152 + len(payload) % 1000, port, 8 + len(payload), 0)
    return OUTER_MACS + b"\x86\xdd" + header + udp + payload


def in_vxlan(frame, number, index):
    payload = struct.pack("!II", 0x08000000, number << 8) + frame
    return (in_udp6 if index % 3 == 2 else in_udp4)(payload, 4789)


def in_geneve(frame, number, index):
    # Every third has eight bytes of options, of a class for experiments.
    options = struct.pack("!HBBI", 0xFF00, 1, 1, 0xFEEDBEEF) if index % 3 == 1 else b""
    header = struct.pack("!BBHI", len(options) // 4, 0, 0x6558, number << 8) + options
    return (in_udp6 if index % 3 == 2 else in_udp4)(header + frame, 6081)


def in_mpls(frame, labels):
    stack = b""
    for index, label in enumerate(labels):
        bottom = index == len(labels) - 1
        stack += struct.pack("!I", label << 12 | (0x100 if bottom else 0) | 64)
    return frame[:12] + b"\x88\x47" + stack + frame[14:]


def in_pppoe(frame, session):
    protocol = {0x0800: 0x0021, 0x86DD: 0x0057}[ether_type(frame)]
    payload = struct.pack("!H", protocol) + frame[14:]
    return frame[:12] + struct.pack("!HBBHH", 0x8864, 0x11, 0, session, len(payload)) + payload


def pppoe_discovery(packet, code, session):
    """A discovery packet between the two ends of a real frame: any service, and a cookie."""
    tags = struct.pack("!HH", 0x0101, 0) + struct.pack("!HH4s", 0x0104, 4, b"milk")
    fields = struct.pack("!HBBHH", 0x8863, 0x11, code, session, len(tags))
    return packet.replaced((packet.data[:12] + fields + tags).ljust(60, b"\0"))


def link_types(folder, frames):
    packets = ip_of(frames)
    fours = [packet for packet in packets if packet.data[0] >> 4 == 4]
    sixes = [packet for packet in packets if packet.data[0] >> 4 == 6]
    # AF_INET6 as FreeBSD has it; in files of the other order the family is in that order.
    for name, order in (("null", "<"), ("null-big-endian", ">")):
        with_family = [p.replaced(family(p.data, order, 28) + p.data) for p in packets]
        write_pcap(f"{folder}/{name}.pcap", NULL, with_family, order=order)
    loop = [p.replaced(family(p.data, ">", 24) + p.data) for p in packets]
    write_pcap(f"{folder}/loop.pcap", LOOP, loop)
    write_pcap(f"{folder}/ipv4.pcap", IPV4, fours)
    write_pcap(f"{folder}/ipv6.pcap", IPV6, sixes)
    write_pcap(f"{folder}/raw-derived.pcap", RAW, packets)


def encapsulations(folder, frames):
    internet = [f for f in frames if is_version(f, 4) or is_version(f, 6)]
    write_pcap(
        f"{folder}/vxlan.pcap",
        ETHERNET,
        [f.replaced(in_vxlan(f.data, 7 + i % 2, i)) for i, f in enumerate(frames)],
    )
    write_pcap(
        f"{folder}/geneve.pcap",
        ETHERNET,
        [f.replaced(in_geneve(f.data, 7 + i % 2, i)) for i, f in enumerate(frames)],
    )
    stacks = [[100], [1024], [100, 1024], [16, 17, 18]]
    write_pcap(
        f"{folder}/mpls.pcap",
        ETHERNET,
        [f.replaced(in_mpls(f.data, stacks[i % len(stacks)])) for i, f in enumerate(internet)],
    )
    start = [
        pppoe_discovery(internet[0], code, session)
        for code, session in ((0x09, 0), (0x07, 0), (0x19, 0), (0x65, 5), (0xA7, 5))
    ]
    sessions = [f.replaced(in_pppoe(f.data, 5 + i % 2)) for i, f in enumerate(internet)]
    write_pcap(f"{folder}/pppoe.pcap", ETHERNET, start[:4] + sessions + start[4:])


def file_formats(folder, frames):
    write_pcap(f"{folder}/big-endian.pcap", ETHERNET, frames, order=">")
    write_pcap(f"{folder}/big-endian-nanoseconds.pcap", ETHERNET, frames, order=">", nanoseconds=True)

    def write(name, content):
        with open(f"{folder}/{name}", "wb") as file:
            file.write(content)

    little, big = PcapngBytes("<"), PcapngBytes(">")
    for name, make in (("ethernet.pcapng", little), ("big-endian.pcapng", big)):
        content = make.section() + make.interface(ETHERNET, name=b"client")
        write(name, content + b"".join(make.enhanced(0, f) for f in frames))

    kinds = [lambda f: little.enhanced(0, f), lambda f: little.obsolete(0, f), little.simple]
    content = little.section() + little.block(4, struct.pack("<HH", 0, 0)) + little.interface(ETHERNET)
    for index, frame in enumerate(frames):
        content += kinds[index % 3](frame) + little.block(0x80000000 + index, b"of no known type")
    write("all-packet-blocks.pcapng", content)

    cooked = read_pcap(f"{folder}/sll2.pcap")[: len(frames)]
    content = little.section() + little.interface(ETHERNET, 65535, b"client", 9)
    content += little.interface(SLL2, 262144, b"any")
    for frame, other in zip(frames, cooked):
        content += little.enhanced(0, frame, 10**9) + little.enhanced(1, other)
    write("mixed-link-types.pcapng", content)

    raw = ip_of(frames)[:6]
    content = little.section() + little.interface(ETHERNET)
    content += b"".join(little.enhanced(0, f) for f in frames[:6])
    content += big.section() + big.interface(NULL, resolution=9)
    for packet in raw:
        with_family = packet.replaced(family(packet.data, ">", 28) + packet.data)
        content += big.enhanced(0, with_family, 10**9)
    write("mixed-sections.pcapng", content)

    whole = pcap_bytes(ETHERNET, frames)
    write("broken-cut-in-packet.pcap", whole[:-5])
    write("broken-cut-in-header.pcap", whole + whole[24:33])
    write("broken-length.pcap", whole + struct.pack("<IIII", 1, 2, 262145, 60) + bytes(60))
    blocks = little.section() + little.interface(ETHERNET)
    blocks += b"".join(little.enhanced(0, f) for f in frames[:-1])
    last = little.enhanced(0, frames[-1])
    write("broken-cut-in-block.pcapng", blocks + last[:-5])
    write("broken-trailer.pcapng", blocks + last[:-4] + struct.pack("<I", len(last) + 4))
    write("broken-no-such-interface.pcapng", blocks + little.enhanced(1, frames[-1]))


def main(folder):
    def read(name):
        return read_pcap(f"{folder}/{name}.pcap")

    frames = read("arp-icmp")[:5] + read("icmp6")[:6] + read("dns")[:14]
    frames += read("http4")[:6] + read("http6")[:6] + read("fragments")[:2]
    frames += read("options")[:6]
    link_types(folder, frames)
    encapsulations(folder, frames)
    few = read("arp-icmp")[:4] + read("icmp6")[:4] + read("dns")[:6] + read("http4")[:4]
    file_formats(folder, few)


if __name__ == "__main__":
    main(sys.argv[1])
