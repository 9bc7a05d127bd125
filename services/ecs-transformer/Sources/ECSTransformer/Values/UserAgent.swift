/// What a `User-Agent` in decoded text says of the program and the system that it runs on (RFC 9110, section 10.1.5).
///
/// Browsers also name the browsers that they want to be taken for; the token that only one of them sends decides. Names are
/// those of the uap-core project, whose tables the processors of Elastic and OpenSearch use. A program that is not
/// listed here has the name that it gives itself first.
struct UserAgent {
    private(set) var name: EncodedText?
    private(set) var version: EncodedText?
    private(set) var systemName: EncodedText?
    /// With dots or underscores between its parts, as it stands in the text.
    private(set) var systemVersion: EncodedText?
    private(set) var device = EncodedText("Other")

    private var rank = Int.max
    private var isMobile = false

    init(_ text: EncodedText) {
        var offset = 0
        var isComment = false
        while offset < text.count {
            let byte = text.bytes[offset]
            if byte == UInt8(ascii: "(") { isComment = true } else if byte == UInt8(ascii: ")") { isComment = false }
            guard !Self.isSeparator(byte) else {
                offset += 1
                continue
            }
            var end = offset + 1
            while end < text.count, !(isComment ? Self.endsPart(text.bytes[end]) : Self.isSeparator(text.bytes[end])) {
                end += 1
            }
            let part = text.part(from: offset, to: end).trimmed
            if isComment { readComment(part) } else { readProduct(part) }
            offset = end
        }
        finish()
    }

    /// Programs with a token of their own; the first one that is found counts. `Version` is Safari's.
    private static let programs: [(token: StaticString, name: StaticString, mobileName: StaticString)] = [
        ("Edg", "Edge", "Edge Mobile"), ("EdgA", "Edge Mobile", "Edge Mobile"),
        ("EdgiOS", "Edge Mobile", "Edge Mobile"), ("Edge", "Edge", "Edge Mobile"), ("OPR", "Opera", "Opera Mobile"),
        ("Vivaldi", "Vivaldi", "Vivaldi"), ("SamsungBrowser", "Samsung Internet", "Samsung Internet"),
        ("YaBrowser", "Yandex Browser", "Yandex Browser"), ("FxiOS", "Firefox iOS", "Firefox iOS"),
        ("Firefox", "Firefox", "Firefox Mobile"), ("CriOS", "Chrome Mobile iOS", "Chrome Mobile iOS"),
        ("HeadlessChrome", "HeadlessChrome", "HeadlessChrome"), ("Chrome", "Chrome", "Chrome Mobile"),
        ("Version", "Safari", "Mobile Safari"), ("MSIE", "IE", "IE Mobile"), ("Trident", "IE", "IE Mobile"),
        ("python-requests", "Python Requests", "Python Requests"),
    ]
    private static let msieRank = 14
    private static let tridentRank = 15
    /// Of what any program calls itself.
    private static let ownNameRank = 100

    private static let windowsVersions: [(kernel: StaticString, name: StaticString)] = [
        ("10.0", "10"), ("6.3", "8.1"), ("6.2", "8"), ("6.1", "7"), ("6.0", "Vista"), ("5.2", "XP"), ("5.1", "XP"),
    ]

    private mutating func readProduct(_ part: EncodedText) {
        if part.isEqual(to: "Mobile") || part.hasPrefix("Mobile/") { isMobile = true }
        let slash = part.firstIndex(of: "/") ?? part.count
        let token = part.part(from: 0, to: slash)
        guard slash < part.count, let version = part.part(from: slash + 1).nonEmpty else { return }
        if let found = Self.programs.firstIndex(where: { token.isEqual(to: $0.token) }) {
            take(rank: found, name: nil, version: version)
        } else if rank == .max, !token.isEqual(to: "Mozilla"), token.isHostName {
            take(rank: Self.ownNameRank, name: token, version: version)
        }
    }

    private mutating func take(rank: Int, name: EncodedText?, version: EncodedText?) {
        guard rank < self.rank else { return }
        (self.rank, self.name, self.version) = (rank, name, version)
    }

    /// Reads one part of a comment, such as `Windows NT 10.0` or `CPU iPhone OS 15_2 like Mac OS X`.
    private mutating func readComment(_ part: EncodedText) {
        if part.hasPrefix("MSIE ") {
            take(rank: Self.msieRank, name: nil, version: part.part(from: 5).nonEmpty)
        } else if part.hasPrefix("Trident/") {
            take(rank: Self.tridentRank, name: nil, version: nil)
        } else if part.hasPrefix("rv:"), rank == Self.tridentRank {
            version = part.part(from: 3).nonEmpty
        } else if part.hasPrefix("Windows NT ") {
            let kernel = part.part(from: 11)
            let known = Self.windowsVersions.first { kernel.isEqual(to: $0.kernel) }
            setSystem("Windows", known.map { EncodedText($0.name) } ?? kernel)
        } else if part.hasPrefix("Android") {
            setSystem("Android", part.part(from: 7).trimmed)
        } else if part.isEqual(to: "Macintosh") {
            device = EncodedText("Mac")
        } else if part.isEqual(to: "iPhone") || part.isEqual(to: "iPad") || part.isEqual(to: "iPod touch") {
            device = part
        } else if part.hasPrefix("CPU ") {
            if let version = part.word(after: " OS ") { setSystem("iOS", version) }
        } else if let version = part.word(after: "Mac OS X ") {
            setSystem("Mac OS X", version)
        } else if part.hasPrefix("CrOS ") {
            setSystem("Chrome OS", part.part(from: (part.lastIndex(of: " ") ?? 0) + 1))
        } else if part.isEqual(to: "Ubuntu") || part.hasPrefix("Linux") || part.hasPrefix("linux") {
            setSystem(part.isEqual(to: "Ubuntu") ? "Ubuntu" : "Linux", EncodedText(""))
        }
    }

    private mutating func setSystem(_ name: StaticString, _ version: EncodedText) {
        // `Linux` stands in front of what runs on it.
        guard systemName == nil || systemName?.isEqual(to: "Linux") == true else { return }
        systemName = EncodedText(name)
        systemVersion = version.nonEmpty
    }

    private mutating func finish() {
        guard rank < Self.programs.count else { return }
        let program = Self.programs[rank]
        name = EncodedText(isMobile ? program.mobileName : program.name)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || endsPart(byte) }

    private static func endsPart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",")
    }
}

extension EncodedText {
    /// The word that follows a constant.
    fileprivate func word(after constant: StaticString) -> EncodedText? {
        guard constant.utf8CodeUnitCount <= count else { return nil }
        for offset in 0...(count - constant.utf8CodeUnitCount) where part(from: offset).hasPrefix(constant) {
            let rest = part(from: offset + constant.utf8CodeUnitCount)
            return rest.part(from: 0, to: rest.firstIndex(of: " ") ?? rest.count).nonEmpty
        }
        return nil
    }
}
