#include "copying.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "bpfc/capture_writer.h"
#include "libpcap_reading.h"
#include "packet_list.h"

namespace bpfc::capture_test {
namespace {

Expected<CaptureWriter, CaptureError> make_writer(int descriptor, const PacketList& list,
                                                  CaptureFormat format, bool swapped) {
  if (format == CaptureFormat::kPcap) {
    return CaptureWriter::attach_pcap(descriptor, DescriptorOwnership::kBorrowed,
                                      list.interfaces.front(), swapped);
  }
  auto writer = CaptureWriter::attach_pcapng(descriptor, DescriptorOwnership::kBorrowed, swapped);
  for (const CaptureInterface& interface : list.interfaces) {
    EXPECT_TRUE(writer && writer->add_interface(interface));
  }
  return writer;
}

// Pcapng cannot express fractions of more than a second, which damaged pcap records hold.
CaptureTime carried(CaptureTime time) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  return {time.seconds + static_cast<std::int64_t>(time.nanoseconds / kSecond),
          time.nanoseconds % kSecond};
}

bool same_packets(const std::vector<PacketCopy>& some, const std::vector<PacketCopy>& others) {
  return std::ranges::equal(some, others, [](const PacketCopy& a, const PacketCopy& b) {
    return a.data == b.data && a.wire_length == b.wire_length &&
           carried(a.time) == carried(b.time) && a.interface == b.interface &&
           a.link_type == b.link_type;
  });
}

}  // namespace

Bytes copy_of_file(const Bytes& file, CaptureFormat format, bool swapped) {
  const PacketList list = read_all(file);
  const int descriptor = descriptor_with({});
  auto writer = make_writer(descriptor, list, format, swapped);
  EXPECT_TRUE(writer);
  for (const PacketCopy& packet : list.packets) {
    CapturedPacket written;
    written.data = packet.data;
    written.wire_length = packet.wire_length;
    written.time = packet.time;
    const auto result = writer->write(written, packet.interface);
    EXPECT_TRUE(result) << result.error().message;
  }
  EXPECT_TRUE(writer->finish());
  Bytes copy = contents(descriptor);
  close(descriptor);
  return copy;
}

std::string difference_between_copies(const Bytes& file) {
  const PacketList list = read_all(file);
  const bool pcap_holds = std::ranges::all_of(list.packets, [](const PacketCopy& packet) {
    return packet.time.seconds >= 0 && packet.time.seconds < (std::int64_t{1} << 32U);
  });
  const bool native = !list.sections.front().swapped;
  if (pcap_holds && native && list.interfaces.size() == 1 &&
      copy_of_file(file, CaptureFormat::kPcap, false) != written_by_libpcap(file)) {
    return "pcap copy is not libpcap's";
  }
  for (const CaptureFormat format : {CaptureFormat::kPcap, CaptureFormat::kPcapng}) {
    if (format == CaptureFormat::kPcap && (!pcap_holds || list.interfaces.size() > 1)) continue;
    for (const bool swapped : {false, true}) {
      const PacketList copy = read_all(copy_of_file(file, format, swapped));
      if (!same_packets(list.packets, copy.packets) || copy.error) {
        return fmt::format("{}{} copy reads back differently", swapped ? "swapped " : "",
                           format == CaptureFormat::kPcap ? "pcap" : "pcapng");
      }
    }
  }
  return "";
}

}  // namespace bpfc::capture_test
