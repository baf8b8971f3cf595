#include <algorithm>
#include <utility>

#include "bpfc/name_resolver.h"

namespace bpfc {
namespace {

// Not tolower(): the user's locale must not change which names are equal.
char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

template <typename Address>
void sort_unique(std::vector<Address>& addresses) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
}

NameError unknown() { return {NameError::Kind::kUnknown, "not in the table of names"}; }

template <typename Map>
Expected<typename Map::mapped_type, NameError> find(const Map& map, std::string_view name) {
  const auto entry = map.find(name);
  if (entry == map.end()) return Unexpected<NameError>(unknown());
  return entry->second;
}

}  // namespace

bool IgnoreCase::operator()(std::string_view left, std::string_view right) const {
  return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                      [](char a, char b) { return lower(a) < lower(b); });
}

std::optional<NamedPort> filter_port(const ServicePorts& ports) {
  if (ports.tcp && ports.udp == ports.tcp) return NamedPort{*ports.tcp, NamedPort::Transport::kAny};
  if (ports.tcp) return NamedPort{*ports.tcp, NamedPort::Transport::kTcp};
  if (ports.udp) return NamedPort{*ports.udp, NamedPort::Transport::kUdp};
  return std::nullopt;
}

TableNameResolver::TableNameResolver(NameTable table) : table_(std::move(table)) {
  for (auto& [name, addresses] : table_.hosts) {
    sort_unique(addresses.ipv4);
    sort_unique(addresses.ipv6);
  }
  std::erase_if(table_.hosts, [](const auto& host) { return host.second == HostAddresses{}; });
  std::erase_if(table_.ports, [](const auto& port) { return port.second == ServicePorts{}; });
}

Expected<HostAddresses, NameError> TableNameResolver::host(std::string_view name) const {
  return find(table_.hosts, name);
}

Expected<EthernetAddress, NameError> TableNameResolver::ether(std::string_view name) const {
  return find(table_.ethers, name);
}

Expected<std::uint32_t, NameError> TableNameResolver::network(std::string_view name) const {
  return find(table_.networks, name);
}

Expected<ServicePorts, NameError> TableNameResolver::port(std::string_view name) const {
  return find(table_.ports, name);
}

Expected<std::uint32_t, NameError> TableNameResolver::protocol(std::string_view name) const {
  return find(table_.protocols, name);
}

}  // namespace bpfc
