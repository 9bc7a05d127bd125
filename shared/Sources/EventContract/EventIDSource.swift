import Digest

/// Makes the ids of the events of one file.
///
/// The hash is XXH3-128 of the line, seeded with XXH3-64 of (sensor, identity of the file, offset of the line): the same
/// line at another place or from another sensor is another event, and the same place read again is the same event.
/// XXH3 is not a defence against forged lines that collide, but an attacker who can write to the sensor's log does not need
/// them.
public struct EventIDSource: Sendable {
    /// The text of the sensor, the identity and, at the end, the offset of the line that is at hand.
    private var place: [UInt8]

    /// For the lines of one file of one sensor.
    public init(sensor: String, identity: FileIdentity) {
        place = Array(sensor.utf8)
        place.appendLittleEndian(identity.high)
        place.appendLittleEndian(identity.low)
        place.appendLittleEndian(UInt64(0))
    }

    /// The id of one line.
    /// - Parameters:
    ///   - line: without its newline.
    ///   - offset: where the line starts in the file.
    ///   - time: the time of the event in nanoseconds since the epoch; nil when it has no usable one. Times before
    ///     the epoch are not usable.
    public mutating func id(of line: UnsafeRawBufferPointer, offset: UInt64, time: Int64?) -> EventID {
        let seed = place.withUnsafeMutableBytes { place in
            place.storeBytes(of: offset.littleEndian, toByteOffset: place.count - 8, as: UInt64.self)
            return ContentHash.bits64(UnsafeRawBufferPointer(place))
        }
        let hash = ContentHash.bits128(line, seed: seed)
        return EventID(
            milliseconds: UInt64(max(time ?? 0, 0) / 1_000_000), hash: hash)
    }
}
