/// Which servers may be asked for a container's credentials: the token that goes with the question is for nobody else.
enum ContainerEndpoint {
    private static let hosts: Set<String> = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

    /// Whether the URL has TLS, or leads to this machine or to the address of a container service.
    static func isAllowed(_ url: String) -> Bool {
        guard let parsed = SignableURL(url) else { return false }
        return parsed.isPrivate || hosts.contains(parsed.hostWithoutPort)
    }
}
