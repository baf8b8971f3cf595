// What capture files are made of, as the reader delivers it and the writer takes it.
// Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, pcap-savefile(5).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

enum class CaptureFormat : std::uint8_t { kPcap, kPcapng };

enum class CaptureErrorKind : std::uint8_t {
  kNotACapture,      // the first bytes are those of no capture file
  kUnsupported,      // a capture file of a version or kind that is not read
  kDamaged,          // cut off or inconsistent from `offset` on
  kSystem,           // a system call failed; `system_error` says how
  kUnrepresentable,  // the writer's format cannot hold what it was given
};

struct CaptureError {
  CaptureErrorKind kind = CaptureErrorKind::kDamaged;
  // Reading: where the damaged record or block begins, in bytes from where the reader began.
  // Writing: how many bytes of the output reached the system.
  std::uint64_t offset = 0;
  int system_error = 0;  // errno, or 0
  std::string message;   // one sentence, no full stop, no line break

  friend bool operator==(const CaptureError&, const CaptureError&) = default;
};

// `FILE: MESSAGE (at byte OFFSET)`, without the offset where it says nothing. No line break.
std::string render(const CaptureError& error, std::string_view file_name);

// A moment after (or before) 1970-01-01 00:00 UTC. Reaches as far as any file does: pcap holds
// seconds from 0 to 2^32 - 1 (read as unsigned, unlike libpcap, which takes those of a file in the
// machine's own byte order as signed), pcapng 64 bits of ticks and an offset.
struct CaptureTime {
  std::int64_t seconds = 0;
  // Below 1'000'000'000, but for a damaged pcap record, whose 32 bits of micro- or nanoseconds are
  // passed on, so that a pcap copy holds the same bytes (a pcapng copy carries into the seconds).
  std::uint64_t nanoseconds = 0;

  friend bool operator==(const CaptureTime&, const CaptureTime&) = default;
};

// Ticks a second, as the pcapng option if_tsresol has it: 10 to the power of the value, or 2 to the
// power of its lower 7 bits where bit 7 is set. At most 10^19 and 2^63.
struct TimeResolution {
  std::uint8_t code = 6;

  friend bool operator==(const TimeResolution&, const TimeResolution&) = default;
};
inline constexpr TimeResolution kMicroseconds{6};
inline constexpr TimeResolution kNanoseconds{9};

// An interface of a pcapng section. A pcap file has exactly one.
struct CaptureInterface {
  // The LINKTYPE_ value as the file has it, which is not libpcap's DLT_ value for some.
  std::uint16_t link_type = 1;
  // The upper bits of pcap's link type field (FCS length and flag), 0 in pcapng.
  std::uint16_t link_type_flags = 0;
  // The most bytes of a packet that are delivered. Where the file has 0 or 2^31 or more, what
  // libpcap puts there: the greatest captured length of the link type.
  std::uint32_t snaplen = 262144;
  TimeResolution resolution = kMicroseconds;
  std::int64_t time_offset = 0;  // if_tsoffset: seconds added to every time stamp
  std::uint32_t section = 0;     // index of its section in the file

  friend bool operator==(const CaptureInterface&, const CaptureInterface&) = default;
};

// A pcapng section; a pcap file is one.
struct CaptureSection {
  std::uint64_t offset = 0;           // of its first byte in the file
  bool swapped = false;               // its byte order is not this machine's
  std::uint32_t first_interface = 0;  // the index its interface 0 has in the whole file

  friend bool operator==(const CaptureSection&, const CaptureSection&) = default;
};

struct CapturedPacket {
  // The captured bytes as they are in the file: headers in the byte order of the capturing machine
  // (NULL, PFLOG, USB...) stay in it, where libpcap turns those of some link types around.
  // May be longer than wire_length in odd files. Owned by whoever delivers the packet.
  std::span<const std::uint8_t> data;
  std::uint32_t wire_length = 0;
  CaptureTime time;             // pcapng's simple packets have none: the interface's time_offset
  std::uint32_t interface = 0;  // index into all interfaces of the file
  std::uint16_t link_type = 0;  // of that interface
  bool swapped = false;         // the section's byte order is not this machine's
  std::uint64_t offset = 0;     // of its record or block in the file
};

}  // namespace bpfc
