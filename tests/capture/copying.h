// Capture files read by the reader and written again by the writer.
#pragma once

#include <string>

#include "bpfc/capture_types.h"
#include "capture_bytes.h"

namespace bpfc::capture_test {

// A copy in the format and byte order given, of as many interfaces as the file has (pcap: its
// first). Fails the test where reading or writing does.
Bytes copy_of_file(const Bytes& file, CaptureFormat format, bool swapped);

// Empty where a pcap copy of the file is byte for byte what libpcap writes, and where copies in the
// other format and byte order read back as the same packets; otherwise the difference. Files whose
// times pcap cannot hold are compared in pcapng only.
std::string difference_between_copies(const Bytes& file);

}  // namespace bpfc::capture_test
