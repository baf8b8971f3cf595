// Capture files put together byte by byte, in either byte order.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace bpfc::capture_test {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(std::string_view text);
Bytes joined(std::initializer_list<Bytes> parts);

// Numbers of a file in, or not in, this machine's byte order.
class ByteMaker {
 public:
  explicit ByteMaker(bool swapped) : swapped_(swapped) {}

  Bytes u16(std::uint16_t value) const;
  Bytes u32(std::uint32_t value) const;
  Bytes u64(std::uint64_t value) const;

  Bytes pcap_header(std::uint32_t magic = 0xa1b2c3d4, std::uint32_t link_type = 1,
                    std::uint32_t snaplen = 100, std::uint16_t major = 2,
                    std::uint16_t minor = 4) const;
  Bytes pcap_record(std::uint32_t seconds, std::uint32_t fraction, std::uint32_t captured,
                    std::uint32_t wire, const Bytes& data) const;

  // Pads the body to a multiple of 4 bytes.
  Bytes block(std::uint32_t type, Bytes body) const;
  Bytes section(std::uint16_t major = 1, std::uint16_t minor = 0) const;
  Bytes option(std::uint16_t code, Bytes value) const;
  Bytes interface(std::uint16_t link_type = 1, std::uint32_t snaplen = 100,
                  const Bytes& options = {}) const;
  Bytes enhanced(std::uint32_t interface, std::uint64_t ticks, std::uint32_t captured,
                 std::uint32_t wire, const Bytes& data) const;
  Bytes simple(std::uint32_t wire, const Bytes& data) const;
  Bytes obsolete(std::uint16_t interface, std::uint64_t ticks, std::uint32_t captured,
                 std::uint32_t wire, const Bytes& data) const;

 private:
  bool swapped_;
};

}  // namespace bpfc::capture_test
