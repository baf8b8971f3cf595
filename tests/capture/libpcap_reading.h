// What libpcap reads from a capture file, and whether the project's reader agrees.
#pragma once

#include <string>

#include "capture_bytes.h"
#include "packet_list.h"

namespace bpfc::capture_test {

// Empty where the reader delivers the packets that libpcap delivers and ends as it does, whether in
// an error or not; otherwise the difference. What the reader does otherwise on purpose (see
// capture_reader.h) counts as agreement; the list is in libpcap_reading.cc.
std::string difference_from_libpcap(const Bytes& file);

// The packets of `file` as pcap_dump() writes them, each byte of the file.
Bytes written_by_libpcap(const Bytes& file);

}  // namespace bpfc::capture_test
