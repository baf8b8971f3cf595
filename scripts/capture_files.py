"""Reads and writes the capture files that scripts/make-captures works with."""

import dataclasses
import struct

MICROSECONDS = 0xA1B2C3D4
NANOSECONDS = 0xA1B23C4D


@dataclasses.dataclass
class Packet:
    seconds: int
    nanoseconds: int
    wire_length: int
    data: bytes

    def replaced(self, data):
        """The same moment with other bytes."""
        return dataclasses.replace(self, data=data, wire_length=len(data))


def read_pcap(path):
    """The packets of a pcap file in this machine's byte order, as tcpdump writes it."""
    with open(path, "rb") as file:
        content = file.read()
    unit = 1 if struct.unpack_from("=I", content)[0] == NANOSECONDS else 1000
    packets = []
    place = 24
    while place < len(content):
        seconds, fraction, captured, wire = struct.unpack_from("=IIII", content, place)
        data = content[place + 16 : place + 16 + captured]
        packets.append(Packet(seconds, fraction * unit, wire, data))
        place += 16 + captured
    return packets


def pcap_bytes(link_type, packets, order="<", nanoseconds=False, snaplen=262144):
    unit = 1 if nanoseconds else 1000
    magic = NANOSECONDS if nanoseconds else MICROSECONDS
    content = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link_type)
    for packet in packets:
        header = (packet.seconds, packet.nanoseconds // unit, len(packet.data), packet.wire_length)
        content += struct.pack(order + "IIII", *header) + packet.data
    return content


def write_pcap(path, link_type, packets, **options):
    with open(path, "wb") as file:
        file.write(pcap_bytes(link_type, packets, **options))


class PcapngBytes:
    """Blocks of one byte order."""

    def __init__(self, order="<"):
        self.order = order

    def block(self, kind, body):
        body += bytes(-len(body) % 4)
        length = struct.pack(self.order + "I", len(body) + 12)
        return struct.pack(self.order + "I", kind) + length + body + length

    def section(self):
        return self.block(0x0A0D0D0A, struct.pack(self.order + "IHHq", 0x1A2B3C4D, 1, 0, -1))

    def option(self, code, value):
        header = struct.pack(self.order + "HH", code, len(value))
        return header + value + bytes(-len(value) % 4)

    def interface(self, link_type, snaplen=262144, name=b"", resolution=None):
        options = self.option(2, name) if name else b""
        if resolution is not None:
            options += self.option(9, bytes([resolution]))
        options += self.option(0, b"") if options else b""
        return self.block(1, struct.pack(self.order + "HHI", link_type, 0, snaplen) + options)

    def _stamp(self, packet, per_second):
        ticks = packet.seconds * per_second + packet.nanoseconds * per_second // 10**9
        return ticks >> 32, ticks & 0xFFFFFFFF

    def enhanced(self, interface, packet, per_second=10**6):
        high, low = self._stamp(packet, per_second)
        fields = (interface, high, low, len(packet.data), packet.wire_length)
        return self.block(6, struct.pack(self.order + "IIIII", *fields) + packet.data)

    def obsolete(self, interface, packet, per_second=10**6):
        high, low = self._stamp(packet, per_second)
        fields = (interface, 0xFFFF, high, low, len(packet.data), packet.wire_length)
        return self.block(2, struct.pack(self.order + "HHIIII", *fields) + packet.data)

    def simple(self, packet):
        return self.block(3, struct.pack(self.order + "I", packet.wire_length) + packet.data)
