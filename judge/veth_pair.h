// Two Ethernet interfaces that are the ends of one cable, in the present network namespace.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "bpfc/expected.h"

namespace bpfc::judge {

struct NetworkInterface {
  std::string name;
  std::uint32_t index = 0;
  std::array<std::uint8_t, 6> address{};
};

struct VethPair {
  NetworkInterface near;
  NetworkInterface far;
};

// Makes `NAMEa` and `NAMEb` through rtnetlink, with room for frames of 65535 bytes after their
// header, both up and without addresses of any protocol. They go with the namespace. The first
// frames after may be lost. An error says why not.
Expected<VethPair, std::string> make_veth_pair(const std::string& name);

// Empty, or why not.
std::string set_interface_up(const std::string& name, bool up);

}  // namespace bpfc::judge
