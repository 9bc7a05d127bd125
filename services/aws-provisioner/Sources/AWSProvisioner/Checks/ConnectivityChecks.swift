import AWS
import CivilTime
import HTTPClient
import HTTPTypes
import Lifecycle
import OpenSearch
import Settings
import Sockets

/// The checks of the way from this machine to the documents in OpenSearch.
struct ConnectivityChecks: Sendable {
    /// A certificate that ends within so many days is told of.
    static let certificateDaysMin = 14
    private static let requestMillisecondsMax = 10_000
    private static let addressesToldMax = 3

    /// How OpenSearch is reached, and by which proxy AWS is.
    let settings: OpenSearchSettings
    /// Whether anything says where OpenSearch is.
    let isStoreKnown: Bool
    let session: AWSSession
    let userAgent: String

    /// All of them, in the order in which people read about them.
    var all: [Check] {
        guard isStoreKnown else {
            return [without(.dns), without(.tls), clock, credentials, without(.bulk)]
        }
        return [
            Check(name: .dns) { lookUp() },
            Check(name: .tls, prerequisites: [.dns]) { handshake() },
            clock,
            settings.auth == .sigv4
                ? credentials
                : Check(name: .credentials) { Check.Finding(.ok, "user \(settings.username ?? "none"), not AWS") },
            Check(name: .bulk, prerequisites: [.dns, .tls, .credentials]) { bulk() },
        ]
    }

    private var clock: Check { Check(name: .clock) { readClock() } }
    private var credentials: Check { Check(name: .credentials) { identity() } }

    private func without(_ name: Check.Name) -> Check {
        Check(name: name) {
            Check.Finding(
                .skipped, "it is not known where OpenSearch is",
                remedy: "make the domain with `aws-provisioner apply`, or set opensearch.endpoint")
        }
    }

    // MARK: - Names

    private func lookUp() -> Check.Finding {
        guard let server = ServerAddress(ofURL: settings.endpoint) else {
            return Check.Finding(.failed, "\(settings.endpoint) names no host", remedy: "correct opensearch.endpoint")
        }
        // Behind a proxy the proxy looks up the server's name, and this machine only the proxy's.
        let proxy =
            settings.goesByProxy(to: server.host) ? settings.proxy.flatMap { ServerAddress(ofURL: $0.reveal()) } : nil
        let host = proxy ?? server
        do throws(SocketAddressError) {
            let addresses = try SocketAddress.lookUp(host: host.host, port: host.port).map(\.text)
            let more = addresses.count - Self.addressesToldMax
            let list =
                addresses.prefix(Self.addressesToldMax).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
            return Check.Finding(.ok, "\(proxy == nil ? "" : "the proxy ")\(host.host) is \(list)")
        } catch {
            return Check.Finding(
                .failed, "\(host.host): \(error)",
                remedy: proxy != nil
                    ? "correct opensearch.proxy, or the resolver of this machine"
                    : "see with `aws-provisioner status` whether the domain is there, and with `getent hosts "
                        + "amazonaws.com` whether this machine can look up names at all")
        }
    }

    // MARK: - TLS

    private func handshake() -> Check.Finding {
        guard settings.endpoint.hasPrefix("https://") else {
            return Check.Finding(
                .warning, "the endpoint has http://: everything is sent in the clear",
                remedy: "use an endpoint with https://")
        }
        do throws(HTTPError) {
            let seen = try TLSHandshake.look(at: settings.endpoint, options(settings))
            return finding(about: seen)
        } catch {
            guard error.code == .tls, let options = try? options(settings),
                let seen = try? TLSHandshake.look(at: settings.endpoint, options, isVerifying: false)
            else { return unreached(error) }
            return Check.Finding(.failed, error.message, remedy: remedy(seen, error))
        }
    }

    private func finding(about seen: TLSHandshake) -> Check.Finding {
        guard let own = seen.chain.first else {
            return Check.Finding(.ok, "\(seen.version), with a certificate that is trusted")
        }
        let days = own.endsAt.map { ($0 - WallClock.seconds()) / 86_400 }
        let text =
            "\(seen.version), chain of \(seen.chain.count) and name are right, \(own.subject.commonName) by "
            + "\(own.issuer.commonName), \(days.map { "\($0) days left" } ?? "end unknown")"
        guard let days, days < Self.certificateDaysMin else { return Check.Finding(.ok, text) }
        return Check.Finding(.warning, text, remedy: "renew the server's certificate; Amazon renews its own by itself")
    }

    private func remedy(_ seen: TLSHandshake, _ error: HTTPError) -> String {
        let own = seen.chain.first
        if let end = own?.endsAt, end < WallClock.seconds() {
            return
                "its certificate has ended on \(CivilDay(daysSinceEpoch: Int(end / 86_400)).text(separator: "-")): renew it, "
                + "or set the clock of this machine"
        }
        if error.message.contains("subject name") {
            return "its certificate is for \(own?.names ?? "another name"): use one of these names in the endpoint"
        }
        let issuer = seen.chain.last?.issuer.commonName ?? "nobody known"
        let trusted = settings.caFile ?? session.caFile ?? "the system's certificates"
        return
            "\(issuer) vouches for it, who is not in \(trusted): name a file with its certificate by opensearch.ca_file or "
            + "AWS_CA_BUNDLE. If you do not know \(issuer), somebody on the way reads along"
    }

    // MARK: - Clock

    /// Asks without a signature: whoever refuses that tells the time all the same.
    private func readClock() -> Check.Finding {
        let clock = ServerClock()
        var errors: [String] = []
        let sts = try? session.stsEndpoint()
        let places = [isStoreKnown ? settings.endpoint : nil, isStoreKnown && settings.auth != .sigv4 ? nil : sts]
        var unsigned = settings
        unsigned.auth = .none
        for url in places.compactMap(\.self) {
            do throws(HTTPError) {
                let response = try HTTPClient(options(unsigned)).answer(to: ClientRequest(.head, url))
                guard clock.learn(from: response, of: url) else { continue }
                return finding(about: clock, by: ServerAddress(ofURL: url)?.host ?? url)
            } catch {
                errors.append(error.description)
            }
        }
        return Check.Finding(.skipped, errors.first ?? "no server that was asked tells the time by https")
    }

    private func finding(about clock: ServerClock, by host: String) -> Check.Finding {
        let seconds = abs(clock.offsetSeconds)
        let text =
            seconds <= 1
            ? "right, says \(host)" : "\(seconds) s \(clock.offsetSeconds > 0 ? "behind" : "ahead of") \(host)"
        guard clock.isOff else { return Check.Finding(.ok, text) }
        return Check.Finding(
            .failed, text,
            remedy:
                "set it: `sudo timedatectl set-ntp true`. Signatures are corrected, but events have this machine's time"
        )
    }

    // MARK: - Credentials

    private func identity() -> Check.Finding {
        do {
            try session.waitForCredentials(milliseconds: Self.requestMillisecondsMax)
            let identity = try session.callerIdentity()
            return Check.Finding(.ok, "\(identity.arn), by \(session.credentials.origin)")
        } catch {
            return Check.Finding(.failed, "\(error)", remedy: (error as? AWSError)?.credentialsRemedy)
        }
    }

    // MARK: - Documents

    private func bulk() -> Check.Finding {
        do {
            let canary = try Canary(settings, StoreClient(settings, options: options(settings)))
            try canary.send()
            do {
                try canary.remove()
            } catch {
                return Check.Finding(
                    .warning, "a document was taken, and the index \(canary.index) cannot be removed: \(error)",
                    remedy: "remove it yourself, or ignore it: it is made anew by each test")
            }
            return Check.Finding(.ok, "a document was taken by the index \(canary.index), and removed")
        } catch let error as HTTPError {
            return unreached(error)
        } catch {
            return Check.Finding(.failed, "\(error)", remedy: (error as? StoreRefusal)?.remedy)
        }
    }

    private func unreached(_ error: HTTPError) -> Check.Finding {
        let remedy: String? =
            switch error.code {
            case .unreachable, .timeout:
                "let this machine reach \(ServerAddress(ofURL: settings.endpoint)?.text ?? settings.endpoint): firewall, route, or "
                    + "opensearch.proxy; see with `aws-provisioner status` whether the domain is there"
            default: nil
            }
        return Check.Finding(.failed, error.description, remedy: remedy)
    }

    private func options(_ store: OpenSearchSettings) throws(HTTPError) -> HTTPClient.Options {
        var options = try HTTPClient.Options(store, userAgent: userAgent, session: session)
        options.caFile = options.caFile ?? session.caFile
        options.connectTimeoutMilliseconds = min(options.connectTimeoutMilliseconds, Self.requestMillisecondsMax)
        options.requestTimeoutMilliseconds = Self.requestMillisecondsMax
        return options
    }
}

extension OpenSearchSettings {
    /// Whether a host is reached by the proxy, by the rules of curl.
    func goesByProxy(to host: String) -> Bool {
        guard proxy.map({ !$0.isEmpty }) == true else { return false }
        let exceptions = (noProxy ?? "").split { $0 == "," || $0 == " " }.map { $0.drop { $0 == "." } }
        return !exceptions.contains { $0 == "*" || $0 == host || host.hasSuffix("." + $0) }
    }
}

extension AWSError {
    /// What helps where the message alone does not say it.
    fileprivate var credentialsRemedy: String? {
        switch code {
        case .noCredentials:
            "name a profile: `--set aws.profile=NAME`, or AWS_PROFILE; `aws configure --profile NAME` makes one"
        case .refused:
            "the key is unknown, ended or mistyped: compare with `aws sts get-caller-identity`, and make a new one in IAM"
        case .unavailable: "let this machine reach the host that is named, by port 443 or opensearch.proxy"
        case .configuration: "correct what is named; `aws configure list` shows what AWS' own programs see"
        case .signInNeeded, .notSignable: nil
        }
    }
}

extension String {
    /// `Amazon RSA 2048 M02` of `C = US, O = Amazon, CN = Amazon RSA 2048 M02`; the whole where there is none.
    fileprivate var commonName: String {
        for start in ["CN = ", "CN="] {
            if let range = firstRange(of: start) { return String(self[range.upperBound...].prefix { $0 != "," }) }
        }
        return self
    }
}
