// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration
import Glibc

/// Which sensor this machine is.
public struct SensorSettings: SettingsSection {
    @Setting(
        "sensor.name", .name, default: hostName, fallbackText: "the host name",
        """
        The sensor's name in each event (`observer.name`, where Suricata's own `sensor-name` is not set). It is \
        part of every event's id and of the keys in Redis: a changed name makes a new sensor, which reads its file \
        from the start.
        """)
    public var name

    public init() {}

    /// The section `sensor`.
    public static let section = ConfigurationSection("sensor", "The machine that sees the traffic.", of: Self.self)

    /// The name of this machine with everything that may not stand in a name left out.
    static let hostName: String = {
        var bytes = [CChar](repeating: 0, count: 256)
        // The last byte stays 0: a name that fills the buffer has no end of its own.
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "sensor" }
        let name = String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            .filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_") }
        return name.isEmpty ? "sensor" : name
    }()
}
