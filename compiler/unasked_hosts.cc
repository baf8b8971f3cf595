#include "compiler/unasked_hosts.h"

namespace bpfc {
namespace {

Unexpected<NameError> unknown() {
  return Unexpected<NameError>(NameError{NameError::Kind::kUnknown, "names are not looked up"});
}

}  // namespace

Expected<HostAddresses, NameError> UnaskedHosts::host(std::string_view) const {
  if (source_ == nullptr) return unknown();
  constexpr std::uint32_t kForDocumentation = 0xc0000201;  // 192.0.2.1, RFC 5737
  HostAddresses addresses;
  addresses.ipv4 = {kForDocumentation};
  addresses.ipv6 = {{0x20, 0x01, 0x0d, 0xb8}};
  return addresses;
}

Expected<EthernetAddress, NameError> UnaskedHosts::ether(std::string_view) const {
  if (source_ == nullptr) return unknown();
  return EthernetAddress{};
}

Expected<std::uint32_t, NameError> UnaskedHosts::network(std::string_view) const {
  if (source_ == nullptr) return unknown();
  constexpr std::uint32_t kPrivate = 0x0a000000;
  return kPrivate;
}

Expected<ServicePorts, NameError> UnaskedHosts::port(std::string_view name) const {
  if (source_ == nullptr) return unknown();
  return source_->port(name);
}

Expected<std::uint32_t, NameError> UnaskedHosts::protocol(std::string_view name) const {
  if (source_ == nullptr) return unknown();
  return source_->protocol(name);
}

}  // namespace bpfc
