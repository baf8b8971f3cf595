#include "compiler/unasked_hosts.h"

#include <algorithm>
#include <array>

namespace bpfc {
namespace {

Unexpected<NameError> unknown() {
  return Unexpected<NameError>(NameError{NameError::Kind::kUnknown, "names are not looked up"});
}

constexpr std::array<std::string_view, 5> kQualifiers = {"host", "net", "src", "dst", "gateway"};

}  // namespace

bool UnaskedHosts::is_likely(std::string_view name) const {
  if (source_ == nullptr) return false;
  if (name.find('.') != std::string_view::npos) return true;
  for (std::size_t at = text_.find(name); at != std::string_view::npos;
       at = text_.find(name, at + 1)) {
    std::string_view before = text_.substr(0, at);
    while (!before.empty() && before.back() == ' ') before.remove_suffix(1);
    if (std::any_of(kQualifiers.begin(), kQualifiers.end(),
                    [before](std::string_view word) { return before.ends_with(word); })) {
      return true;
    }
  }
  return false;
}

Expected<HostAddresses, NameError> UnaskedHosts::host(std::string_view name) const {
  if (!is_likely(name)) return unknown();
  constexpr std::uint32_t kForDocumentation = 0xc0000201;  // 192.0.2.1, RFC 5737
  HostAddresses addresses;
  addresses.ipv4 = {kForDocumentation};
  addresses.ipv6 = {{0x20, 0x01, 0x0d, 0xb8}};
  return addresses;
}

Expected<EthernetAddress, NameError> UnaskedHosts::ether(std::string_view name) const {
  if (!is_likely(name)) return unknown();
  return EthernetAddress{};
}

Expected<std::uint32_t, NameError> UnaskedHosts::network(std::string_view name) const {
  if (!is_likely(name)) return unknown();
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
