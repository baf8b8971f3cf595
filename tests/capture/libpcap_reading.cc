#include "libpcap_reading.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>

namespace bpfc::capture_test {
namespace {

struct PcapCloser {
  void operator()(pcap_t* pcap) const { pcap_close(pcap); }
};
using PcapHandle = std::unique_ptr<pcap_t, PcapCloser>;

struct LibpcapList {
  bool opened = false;
  std::vector<PacketCopy> packets;  // data, wire_length and time
  std::string error;                // empty at the end of the file
};

PcapHandle open_with_libpcap(const Bytes& file, unsigned precision, std::string& error) {
  std::FILE* stream = fdopen(descriptor_with(file), "r");
  std::array<char, PCAP_ERRBUF_SIZE> message = {};
  PcapHandle pcap(pcap_fopen_offline_with_tstamp_precision(stream, precision, message.data()));
  if (!pcap) {
    error = message.data();
    // libpcap closes the stream when it has opened it, not when it could not.
    std::fclose(stream);
  }
  return pcap;
}

LibpcapList read_with_libpcap(const Bytes& file) {
  LibpcapList list;
  const PcapHandle pcap = open_with_libpcap(file, PCAP_TSTAMP_PRECISION_NANO, list.error);
  if (!pcap) return list;
  list.opened = true;
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  int result = 0;
  while ((result = pcap_next_ex(pcap.get(), &header, &data)) == 1) {
    PacketCopy packet;
    packet.data.assign(data, data + header->caplen);
    packet.wire_length = header->len;
    packet.time = {header->ts.tv_sec, static_cast<std::uint64_t>(header->ts.tv_usec)};
    list.packets.push_back(packet);
  }
  if (result == PCAP_ERROR) list.error = pcap_geterr(pcap.get());
  return list;
}

// Errors of libpcap where the reader goes on.
constexpr const char* kOnlyInLibpcap[] = {
    "different from the type of the first interface",
    "different from the snapshot length of the first interface",
    "different byte orders",
    "BT_SHB_INSANE_MAX",
};

// Errors of the reader where libpcap goes on: it does not look at the reserved bits of the link
// type, nor at the end and the alignment of the first section header.
bool only_in_reader(const CaptureError& error) {
  if (error.message.find("reserved bits") != std::string::npos) return true;
  return error.offset == 0 && (error.message.find("no multiple of 4") != std::string::npos ||
                               error.message.find("after it") != std::string::npos);
}

bool only_in_libpcap(const std::string& error, const PacketList& ours) {
  // It takes a section header in the other byte order for a very long block.
  const bool mixed_orders = std::ranges::any_of(ours.sections, [&](const CaptureSection& section) {
    return section.swapped != ours.sections.front().swapped;
  });
  if (mixed_orders) return true;
  return std::ranges::any_of(
      kOnlyInLibpcap, [&](const char* text) { return error.find(text) != std::string::npos; });
}

// Link types whose headers libpcap turns around in files of the other byte order: LINUX_SLL,
// PFLOG, USB_LINUX, USB_LINUX_MMAPPED, NFLOG, LINUX_SLL2.
constexpr std::uint16_t kTurnedAround[] = {113, 117, 189, 220, 239, 276};

bool same_bytes(const PacketCopy& ours, const PacketCopy& theirs) {
  const bool turned =
      ours.swapped && std::ranges::find(kTurnedAround, ours.link_type) != std::end(kTurnedAround);
  return turned ? ours.data.size() == theirs.data.size() : ours.data == theirs.data;
}

// In pcap libpcap reads the two numbers as signed or not depending on the byte order; in pcapng its
// arithmetic overflows for binary resolutions finer than 2^-34.
bool same_time(const PacketCopy& ours, const PacketCopy& theirs, CaptureFormat format,
               const CaptureInterface& interface) {
  if (format == CaptureFormat::kPcap) {
    const std::int64_t unit = interface.resolution == kNanoseconds ? 1 : 1000;
    const auto fraction = [&](const PacketCopy& packet) {
      return static_cast<std::uint32_t>(static_cast<std::int64_t>(packet.time.nanoseconds) / unit);
    };
    return static_cast<std::uint32_t>(ours.time.seconds) ==
               static_cast<std::uint32_t>(theirs.time.seconds) &&
           fraction(ours) == fraction(theirs);
  }
  if (interface.resolution.code > (0x80U | 34U)) return ours.time.seconds == theirs.time.seconds;
  return ours.time == theirs.time;
}

}  // namespace

std::string difference_from_libpcap(const Bytes& file) {
  const LibpcapList theirs = read_with_libpcap(file);
  const PacketList ours = read_all(file);
  const std::string our_error = ours.error ? ours.error->message : "";
  const bool we_stop_first = ours.error && only_in_reader(*ours.error);
  const bool they_stop_first = only_in_libpcap(theirs.error, ours);
  if (ours.format.has_value() != theirs.opened && !we_stop_first && !they_stop_first) {
    return fmt::format("opening: '{}', libpcap '{}'", our_error, theirs.error);
  }
  const std::size_t common = std::min(ours.packets.size(), theirs.packets.size());
  for (std::size_t i = 0; i < common; ++i) {
    const PacketCopy& packet = ours.packets[i];
    const PacketCopy& other = theirs.packets[i];
    if (!same_bytes(packet, other)) return fmt::format("bytes of packet {}", i);
    if (packet.wire_length != other.wire_length) return fmt::format("length of packet {}", i);
    if (!same_time(packet, other, *ours.format, ours.interfaces[packet.interface])) {
      return fmt::format("time of packet {}: {}.{}, libpcap {}.{}", i, packet.time.seconds,
                         packet.time.nanoseconds, other.time.seconds, other.time.nanoseconds);
    }
  }
  if ((ours.packets.size() < theirs.packets.size() && !we_stop_first) ||
      (ours.packets.size() > theirs.packets.size() && !they_stop_first)) {
    return fmt::format("{} packets, libpcap {}; '{}', libpcap '{}'", ours.packets.size(),
                       theirs.packets.size(), our_error, theirs.error);
  }
  if (our_error.empty() != theirs.error.empty() && !we_stop_first && !they_stop_first) {
    return fmt::format("after {} packets '{}', libpcap '{}'", common, our_error, theirs.error);
  }
  return "";
}

Bytes written_by_libpcap(const Bytes& file) {
  std::string error;
  const unsigned precision = read_all(file).interfaces.front().resolution == kNanoseconds
                                 ? PCAP_TSTAMP_PRECISION_NANO
                                 : PCAP_TSTAMP_PRECISION_MICRO;
  const PcapHandle pcap = open_with_libpcap(file, precision, error);
  if (!pcap) return {};
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* stream = open_memstream(&text, &size);
  pcap_dumper_t* dumper = pcap_dump_fopen(pcap.get(), stream);
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  while (pcap_next_ex(pcap.get(), &header, &data) == 1) {
    pcap_dump(reinterpret_cast<u_char*>(dumper), header, data);
  }
  pcap_dump_close(dumper);
  Bytes written(text, text + size);
  std::free(text);
  return written;
}

}  // namespace bpfc::capture_test
