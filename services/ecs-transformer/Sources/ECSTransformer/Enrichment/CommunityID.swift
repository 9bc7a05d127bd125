import Digest
import Networks

/// Community ids, version 1 (https://github.com/corelight/community-id-spec): one name for both directions of a
/// connection, by which tools that watch the same traffic find each other's records.
struct CommunityID: ~Copyable {
    /// One direction of a connection.
    struct Connection {
        var source: IPAddress
        var destination: IPAddress
        /// The number of the protocol above IP.
        var transport: UInt8
        /// Ports in the order of the addresses, or what stands for them; nil for protocols that have none.
        var ports: (source: UInt16, destination: UInt16)?
        /// Whether the other direction is a connection of its own.
        var isOneWay = false
    }

    /// Characters of an id.
    static let textCount = 30

    private let seed: UInt16
    private let sha1 = SHA1()
    /// What is hashed, and behind it the hash. It is the same memory for each id.
    private let scratch: UnsafeMutablePointer<UInt8>

    private static let hashedBytesMax = 40

    /// - Parameter seed: Suricata's `community-id-seed`. Different seeds give different ids.
    init(seed: UInt16) {
        self.seed = seed
        scratch = .allocate(capacity: Self.hashedBytesMax + SHA1.byteCount)
    }

    deinit { scratch.deallocate() }

    /// Writes the id of the connection to `output`, which has room for `textCount` bytes.
    func write(_ connection: Connection, to output: UnsafeMutablePointer<UInt8>) {
        var (lower, upper) = (connection.source, connection.destination)
        var ports = connection.ports
        if !connection.isOneWay, !Self.isOrdered(connection) {
            swap(&lower, &upper)
            if let (source, destination) = ports { ports = (destination, source) }
        }
        var end = Self.append(seed, to: scratch)
        end = Self.append(lower, to: end)
        end = Self.append(upper, to: end)
        end[0] = connection.transport
        end[1] = 0
        end += 2
        if let ports {
            end = Self.append(ports.source, to: end)
            end = Self.append(ports.destination, to: end)
        }
        let hash = scratch + Self.hashedBytesMax
        sha1.hash(UnsafeRawBufferPointer(start: scratch, count: end - scratch), to: hash)
        output[0] = UInt8(ascii: "1")
        output[1] = UInt8(ascii: ":")
        Base64.write(UnsafeRawBufferPointer(start: hash, count: SHA1.byteCount), to: output + 2)
    }

    /// Whether the lower address is in front, and of equal ones the lower port.
    private static func isOrdered(_ connection: Connection) -> Bool {
        let (source, destination) = (connection.source, connection.destination)
        if source.high != destination.high { return source.high < destination.high }
        if source.low != destination.low { return source.low < destination.low }
        return connection.ports.map { $0.source < $0.destination } ?? true
    }

    private static func append(
        _ address: IPAddress, to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        let raw = UnsafeMutableRawPointer(output)
        guard !address.isIPv4 else {
            raw.storeBytes(of: UInt32(truncatingIfNeeded: address.low).bigEndian, as: UInt32.self)
            return output + 4
        }
        raw.storeBytes(of: address.high.bigEndian, as: UInt64.self)
        raw.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        return output + 16
    }

    private static func append(
        _ number: UInt16, to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        UnsafeMutableRawPointer(output).storeBytes(of: number.bigEndian, as: UInt16.self)
        return output + 2
    }
}

extension CommunityID.Connection {
    private static let icmp: UInt8 = 1
    private static let icmpV6: UInt8 = 58
    /// TCP, UDP, SCTP.
    private static let withPorts: [UInt8] = [6, 17, 132]

    /// What is known of one direction of a connection; nil when that is not enough to name it.
    ///
    /// Of ICMP the type stands for the source's port, and for the destination's the type that answers it. Where nothing
    /// answers, the code stands there, and the direction matters.
    init?(
        source: IPAddress, destination: IPAddress, transport: UInt8, ports: (source: UInt16, destination: UInt16)?,
        icmp: (type: UInt8, code: UInt8)?
    ) {
        guard source.isIPv4 == destination.isIPv4 else { return nil }
        self.init(source: source, destination: destination, transport: transport, ports: nil)
        switch transport {
        case Self.icmp, Self.icmpV6:
            guard let icmp else { return nil }
            let answer = Self.counterpart(of: icmp.type, isVersion6: transport == Self.icmpV6)
            self.ports = (UInt16(icmp.type), UInt16(answer ?? icmp.code))
            isOneWay = answer == nil
        default:
            guard Self.withPorts.contains(transport) else { return }
            guard let ports else { return nil }
            self.ports = ports
        }
    }

    /// The type of ICMP message that asks for or answers another, by the specification's tables.
    private static func counterpart(of type: UInt8, isVersion6: Bool) -> UInt8? {
        switch (isVersion6, type) {
        case (false, 0): 8  // echo
        case (false, 8): 0
        case (false, 9), (false, 10): 19 &- type  // router advertisement and solicitation
        case (false, 13), (false, 15), (false, 17): type &+ 1  // timestamp, information, address mask
        case (false, 14), (false, 16), (false, 18): type &- 1
        // Echo, multicast listeners, router and neighbour discovery, node information, home agents.
        case (true, 128), (true, 130), (true, 133), (true, 135), (true, 139), (true, 144): type &+ 1
        case (true, 129), (true, 131), (true, 134), (true, 136), (true, 140), (true, 145): type &- 1
        default: nil
        }
    }
}
