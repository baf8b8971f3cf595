// What the names in a filter stand for: hosts, networks, ports, protocols, Ethernet addresses.
//
// A resolver gets names only. Whoever reads the filter recognises literal numbers and addresses
// ("80", "10.1.2.3", "::1", "0:1:2:3:4:5") and does not ask a resolver about them; one that is
// asked may treat such a text as a name nobody has.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bpfc/expected.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// The addresses of one host. At least one of the two lists has an element; each is in ascending
// order and holds no address twice.
struct HostAddresses {
  std::vector<std::uint32_t> ipv4;                 // host byte order
  std::vector<std::array<std::uint8_t, 16>> ipv6;  // network byte order, no scope

  friend bool operator==(const HostAddresses&, const HostAddresses&) = default;
};

using EthernetAddress = std::array<std::uint8_t, 6>;

// The ports of one service name, in host byte order, at least one of them.
struct ServicePorts {
  std::optional<std::uint16_t> tcp;
  std::optional<std::uint16_t> udp;
  std::optional<std::uint16_t> sctp;

  friend bool operator==(const ServicePorts&, const ServicePorts&) = default;
};

// What a service name means in a filter.
struct NamedPort {
  enum class Transport : std::uint8_t { kTcp, kUdp, kAny };

  std::uint16_t port = 0;
  Transport transport = Transport::kAny;

  friend bool operator==(const NamedPort&, const NamedPort&) = default;
};

// pcap_nametoport(): one port for both TCP and UDP leaves the transport open, so that the filter's
// qualifier (sctp too) decides; with two different ports the TCP one counts, for TCP alone. A name
// that only SCTP has is unknown.
std::optional<NamedPort> filter_port(const ServicePorts& ports);

// Why a name has no meaning.
struct NameError {
  enum class Kind : std::uint8_t {
    kUnknown,   // nobody has this name
    kFailed,    // no answer could be had, as when no name server is reached
    kTimedOut,  // no answer in time
  };

  Kind kind = Kind::kUnknown;
  std::string message;  // what went wrong, no full stop; never empty. Does not hold the name

  friend bool operator==(const NameError&, const NameError&) = default;
};

// Implementations may be called by several threads at once, and throw nothing.
class NameResolver {
 public:
  virtual ~NameResolver() = default;

  virtual Expected<HostAddresses, NameError> host(std::string_view name) const = 0;

  // A name of ethers(5).
  virtual Expected<EthernetAddress, NameError> ether(std::string_view name) const = 0;

  // A name of networks(5), in host byte order: 0x7f000000 for "loopback 127.0.0.0". 0, which
  // "default" often has, is a known network here; libpcap refuses it as unknown.
  virtual Expected<std::uint32_t, NameError> network(std::string_view name) const = 0;

  // A name of services(5).
  virtual Expected<ServicePorts, NameError> port(std::string_view name) const = 0;

  // A name of protocols(5). Not all fit the IPv4 header: "mptcp" is 262.
  virtual Expected<std::uint32_t, NameError> protocol(std::string_view name) const = 0;

 protected:
  NameResolver() = default;
  NameResolver(const NameResolver&) = default;
  NameResolver& operator=(const NameResolver&) = default;
};

struct SystemNameResolverOptions {
  // How long each call waits at most; never more than a day.
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  std::string ethers_file = "/etc/ethers";
};

// Asks the C library, which asks what nsswitch.conf(5) says, DNS included; for Ethernet addresses
// reads the file of the options, and no other source, at every call.
//
// The C library's functions cannot be interrupted, so each call runs in a thread of its own, with
// all signals blocked. A thread that is late is abandoned: it touches only memory it owns, and ends
// when the C library returns (DNS: as the timeout and attempts of resolv.conf(5) have it). Until
// then the code of this library must stay loaded.
class SystemNameResolver final : public NameResolver {
 public:
  SystemNameResolver() = default;
  explicit SystemNameResolver(SystemNameResolverOptions options);

  Expected<HostAddresses, NameError> host(std::string_view name) const override;
  Expected<EthernetAddress, NameError> ether(std::string_view name) const override;
  Expected<std::uint32_t, NameError> network(std::string_view name) const override;
  Expected<ServicePorts, NameError> port(std::string_view name) const override;
  Expected<std::uint32_t, NameError> protocol(std::string_view name) const override;

 private:
  SystemNameResolverOptions options_;
};

// As the system compares them: letters of hosts, networks and Ethernet names in either case, those
// of services and protocols as written.
struct IgnoreCase {
  using is_transparent = void;
  bool operator()(std::string_view left, std::string_view right) const;
};

// The names of a TableNameResolver. The addresses of a host may come in any order.
struct NameTable {
  std::map<std::string, HostAddresses, IgnoreCase> hosts;
  std::map<std::string, EthernetAddress, IgnoreCase> ethers;
  std::map<std::string, std::uint32_t, IgnoreCase> networks;
  std::map<std::string, ServicePorts, std::less<>> ports;
  std::map<std::string, std::uint32_t, std::less<>> protocols;
};

// Knows the names it is given and asks nobody: for tests, and for programs that must not touch the
// network or the system's files. An empty table allows numbers only. A host without addresses, or
// a service without ports, is unknown.
class TableNameResolver final : public NameResolver {
 public:
  TableNameResolver() = default;
  explicit TableNameResolver(NameTable table);

  Expected<HostAddresses, NameError> host(std::string_view name) const override;
  Expected<EthernetAddress, NameError> ether(std::string_view name) const override;
  Expected<std::uint32_t, NameError> network(std::string_view name) const override;
  Expected<ServicePorts, NameError> port(std::string_view name) const override;
  Expected<std::uint32_t, NameError> protocol(std::string_view name) const override;

 private:
  NameTable table_;
};

}  // namespace bpfc
