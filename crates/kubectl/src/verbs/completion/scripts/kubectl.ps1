# PowerShell completion for kubectl: kubectl itself says what may follow.

Register-ArgumentCompleter -Native -CommandName 'kubectl' -ScriptBlock {
    param($WordToComplete, $CommandAst, $CursorPosition)
    $Words = @($CommandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($WordToComplete -eq '') { $Words += '""' }
    kubectl __complete @Words 2>$null | Where-Object { $_ -notmatch '^:[0-9]+$' } | ForEach-Object {
        $Answer, $Description = $_ -split "`t", 2
        if (-not $Description) { $Description = $Answer }
        if ($Answer -like "$WordToComplete*") {
            [System.Management.Automation.CompletionResult]::new($Answer, $Answer, 'ParameterValue', $Description)
        }
    }
}
