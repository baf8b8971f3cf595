#!/usr/bin/env python3
"""The servers and clients whose traffic scripts/make-captures captures.

Run by it inside network namespaces: the server has 10.77.0.2 and fd77::2, the client .1 and ::1.
Only the standard library is needed.
"""

import fcntl
import http.server
import os
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.error
import urllib.request

import capture_files

SERVER4 = "10.77.0.2"
SERVER6 = "fd77::2"
CLOSED_PORT = 4444
ECHO_PORT = 7777
TIMEOUT = 5

NAMES = {
    (b"server.test", 1): bytes([10, 77, 0, 2]),
    (b"server.test", 28): socket.inet_pton(socket.AF_INET6, SERVER6),
    (b"text.test", 16): b"\x1bonly text, and some of it is",
}


# Servers.

def dns_answer(query):
    """The answer to a query with one question."""
    place = 12
    labels = []
    while query[place]:
        labels.append(query[place + 1 : place + 1 + query[place]])
        place += 1 + query[place]
    question_end = place + 5
    kind = struct.unpack_from("!H", query, place + 1)[0]
    data = NAMES.get((b".".join(labels), kind))
    flags = 0x8580 if data else 0x8583
    answer = query[:2] + struct.pack("!HHHHH", flags, 1, 1 if data else 0, 0, 0)
    answer += query[12:question_end]
    if data:
        answer += struct.pack("!HHHIH", 0xC00C, kind, 1, 300, len(data)) + data
    return answer


def serve_datagrams(port, reply):
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.bind(("::", port))
    while True:
        data, sender = server.recvfrom(65535)
        server.sendto(reply(data), sender)


def listen(port):
    return socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)


def serve_dns_streams():
    with listen(53) as server:
        while True:
            connection, _ = server.accept()
            with connection:
                length = struct.unpack("!H", connection.recv(2))[0]
                answer = dns_answer(connection.recv(length))
                connection.sendall(struct.pack("!H", len(answer)) + answer)


def serve_tls(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with listen(443) as server:
        while True:
            connection, _ = server.accept()
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + secure.recv(1000))


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = f"You asked for {self.path}.\n".encode() * 20
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_error(405)

    def log_message(self, *_):
        pass


class DualStackServer(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


def serve(certificate, key):
    web = DualStackServer(("::", 80), Page)
    jobs = [
        web.serve_forever,
        serve_dns_streams,
        lambda: serve_datagrams(53, dns_answer),
        lambda: serve_datagrams(ECHO_PORT, lambda data: data),
        lambda: serve_tls(certificate, key),
    ]
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    print("ready", flush=True)
    threads[0].join()


# Clients.

def ones_complement_sum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF ^ total


def ping(address, count=3, size=56):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    six = family == socket.AF_INET6
    protocol = socket.getprotobyname("ipv6-icmp" if six else "icmp")
    with socket.socket(family, socket.SOCK_RAW, protocol) as raw:
        raw.settimeout(TIMEOUT)
        raw.connect((address, 0))
        for sequence in range(1, count + 1):
            body = bytes(range(size))
            # The kernel fills ICMPv6's checksum in.
            header = struct.pack("!BBHHH", 128 if six else 8, 0, 0, os.getpid() & 0xFFFF, sequence)
            if not six:
                checksum = ones_complement_sum(header + body)
                header = header[:2] + struct.pack("!H", checksum) + header[4:]
            raw.send(header + body)
            expected = 129 if six else 0
            while True:
                reply = raw.recv(65535)
                if reply[0 if six else 20] == expected:
                    break


def exchange(address, port, data, options=()):
    """Sends a datagram and waits for the answer; None where there is none."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(TIMEOUT)
        for option in options:
            client.setsockopt(*option)
        client.connect((address, port))
        client.send(data)
        try:
            return client.recv(65535)
        except ConnectionRefusedError:
            return None


def dns_query(name, kind, number):
    question = b"".join(bytes([len(label)]) + label for label in name.split(b".")) + b"\0"
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + question + struct.pack("!HH", kind, 1)


def dns(address):
    questions = [(b"server.test", 1), (b"server.test", 28), (b"text.test", 16), (b"no.test", 1)]
    for number, (name, kind) in enumerate(questions):
        exchange(address, 53, dns_query(name, kind, 0x1000 + number))


def dns_tcp():
    query = dns_query(b"server.test", 1, 0x2000)
    with socket.create_connection((SERVER4, 53), TIMEOUT) as client:
        client.sendall(struct.pack("!H", len(query)) + query)
        client.recv(1000)


def fetch(host):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path, data in (("/index.html", None), ("/form", b"name=value")):
        try:
            opener.open(f"http://{host}{path}", data, TIMEOUT).read()
        except urllib.error.HTTPError as error:
            error.close()


def tls():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((SERVER4, 443), TIMEOUT) as client:
        with context.wrap_socket(client, server_hostname="server.test") as secure:
            secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
            secure.recv(1000)


def broadcast():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.sendto(b"to all on this link", ("10.77.0.255", ECHO_PORT))
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"client")
        sender.sendto(b"to all", ("255.255.255.255", ECHO_PORT))


def multicast4():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        group = socket.inet_aton("239.7.7.7") + socket.inet_aton("10.77.0.1")
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        sender.sendto(b"to a group", ("239.7.7.7", ECHO_PORT))
        time.sleep(1)


def multicast6():
    index = socket.if_nametoindex("client")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        group = socket.inet_pton(socket.AF_INET6, "ff02::7777") + struct.pack("@I", index)
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
        sender.sendto(b"to a group", ("ff02::7777", ECHO_PORT, 0, index))
        time.sleep(1)


def options4():
    # Record route with room for three addresses, and one no-operation; then a time stamp option.
    record_route = bytes([7, 15, 4]) + bytes(12) + b"\1"
    time_stamp = bytes([68, 12, 5, 0]) + bytes(8)
    for option in (record_route, time_stamp):
        options = [(socket.IPPROTO_IP, socket.IP_OPTIONS, option)]
        exchange(SERVER4, ECHO_PORT, b"with options", options)


def extensions6():
    padding = bytes([0, 0, 1, 4, 0, 0, 0, 0])
    hop = (socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, padding)
    destination = (socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, padding)
    for options in ([hop], [destination], [hop, destination]):
        exchange(SERVER6, ECHO_PORT, b"with extension headers", options)
    exchange(SERVER6, ECHO_PORT, bytes(1500), [hop, destination])


# What re-sends frames or stands at the far end of a tunnel.

def answer_tunnel(name):
    """Answers echo requests for whatever address comes out of a tun device."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1001))
    print("ready", flush=True)
    while True:
        packet = bytearray(os.read(device, 65535))
        version = packet[0] >> 4
        if version == 4 and packet[9] == 1 and packet[20] == 8:
            packet[12:16], packet[16:20] = packet[16:20], packet[12:16]
            packet[20] = 0
            packet[22:24] = bytes(2)
            packet[22:24] = struct.pack("!H", ones_complement_sum(bytes(packet[20:])))
        elif version == 6 and packet[6] == 58 and packet[40] == 128:
            packet[8:24], packet[24:40] = packet[24:40], packet[8:24]
            packet[40] = 129
            packet[42:44] = bytes(2)
            pseudo = bytes(packet[8:40]) + struct.pack("!II", len(packet) - 40, 58)
            checksum = ones_complement_sum(pseudo + bytes(packet[40:]))
            packet[42:44] = struct.pack("!H", checksum)
        else:
            continue
        os.write(device, bytes(packet))


def first_frames(output, *sources):
    packets = []
    for source in sources:
        path, count = source.split(":")
        packets += capture_files.read_pcap(path)[: int(count)]
    capture_files.write_pcap(output, 1, packets)


def send_tagged(device, path):
    stacks = [
        [(0x8100, 5)],
        [(0x8100, 0x6000 | 100)],
        [(0x88A8, 200), (0x8100, 5)],
        [(0x8100, 7), (0x8100, 8)],
        [(0x9100, 300), (0x8100, 5)],
    ]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((device, 0))
        for index, packet in enumerate(capture_files.read_pcap(path)):
            tags = b"".join(struct.pack("!HH", *tag) for tag in stacks[index % len(stacks)])
            sender.send(packet.data[:12] + tags + packet.data[12:])
            if index % 4 == 0:
                sender.send(packet.data)


COMMANDS = {
    "serve": serve,
    "answer-tunnel": answer_tunnel,
    "first-frames": first_frames,
    "send-tagged": send_tagged,
    "ping4": lambda: ping(SERVER4),
    "ping6": lambda: ping(SERVER6),
    "ping-tunnel4": lambda: ping("10.78.0.2"),
    "ping-tunnel6": lambda: ping("fd78::2"),
    "unreachable4": lambda: exchange(SERVER4, CLOSED_PORT, b"nobody listens"),
    "unreachable6": lambda: exchange(SERVER6, CLOSED_PORT, b"nobody listens"),
    "dns4": lambda: dns(SERVER4),
    "dns6": lambda: dns(SERVER6),
    "dns-tcp": dns_tcp,
    "http4": lambda: fetch(SERVER4),
    "http6": lambda: fetch(f"[{SERVER6}]"),
    "tls": tls,
    "fragments4": lambda: exchange(SERVER4, ECHO_PORT, bytes(3000)),
    "fragments6": lambda: exchange(SERVER6, ECHO_PORT, bytes(3000)),
    "broadcast": broadcast,
    "multicast4": multicast4,
    "multicast6": multicast6,
    "options4": options4,
    "extensions6": extensions6,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
