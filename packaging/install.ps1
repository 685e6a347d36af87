# SPDX-License-Identifier: GPL-2.0-or-later

<#
.SYNOPSIS
Installs the IP-HTTPS plugin and its profile for the user who runs it, or removes them.

.DESCRIPTION
Finds Wireshark and its version, copies the DLL for that version to the personal plugin folder
(%APPDATA%\Wireshark\plugins\4.x\epan) and the profile to %APPDATA%\Wireshark\profiles\IP-HTTPS.
Tables, preferences and column widths that are there already stay as they are.
It changes nothing for other users and needs no administrator.

    powershell -ExecutionPolicy Bypass -File install.ps1
    powershell -ExecutionPolicy Bypass -File install.ps1 -Uninstall

.PARAMETER Wireshark
The folder of Wireshark.exe, where it is neither in "Program Files" nor known to the registry.

.PARAMETER Uninstall
Removes the plugin; the profile with your tables stays.
#>
[CmdletBinding()]
param(
    [string] $Wireshark,
    [switch] $Uninstall
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Where Wireshark itself looks.
$settings = Join-Path $env:APPDATA 'Wireshark'
if ($env:WIRESHARK_APPDATA) {
    $settings = $env:WIRESHARK_APPDATA
}
$profileFolder = Join-Path $settings 'profiles\IP-HTTPS'

# The folder of Wireshark.exe: the one given, that of the installer's entry in the registry, or the usual one.
function Find-Wireshark {
    $candidates = @($Wireshark)
    foreach ($key in 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\Wireshark.exe',
                     'HKCU:\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\Wireshark.exe') {
        $entry = Get-ItemProperty -Path $key -ErrorAction SilentlyContinue
        if ($entry -and $entry.PSObject.Properties['(default)']) {
            $candidates += Split-Path -Parent $entry.'(default)'.Trim('"')
        }
    }
    # ProgramW6432 is "Program Files" for a 32-bit PowerShell, too.
    foreach ($programs in $env:ProgramW6432, $env:ProgramFiles) {
        if ($programs) {
            $candidates += Join-Path $programs 'Wireshark'
        }
    }
    foreach ($folder in $candidates) {
        if ($folder -and (Test-Path -LiteralPath (Join-Path $folder 'Wireshark.exe'))) {
            return $folder
        }
    }
    throw 'Wireshark was not found. Install it, or name its folder: install.ps1 -Wireshark FOLDER'
}

# Wireshark's minor version, such as 4.4: a plugin fits no other.
function Get-WiresharkVersion($folder) {
    $version = (Get-Item -LiteralPath (Join-Path $folder 'Wireshark.exe')).VersionInfo
    return '{0}.{1}' -f $version.FileMajorPart, $version.FileMinorPart
}

function Copy-Plugin($version) {
    $dll = Join-Path $PSScriptRoot "plugins\$version\iphttps.dll"
    if (-not (Test-Path -LiteralPath $dll)) {
        $available = @(Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot 'plugins') | ForEach-Object { $_.Name })
        throw ("Your Wireshark is $version; this package has the plugin for " + ($available -join ', ') +
               ', and a plugin works with no other version.')
    }
    $folder = Join-Path $settings "plugins\$version\epan"
    New-Item -ItemType Directory -Force -Path $folder | Out-Null
    Copy-Item -LiteralPath $dll -Destination $folder -Force
    # A file from a downloaded archive is marked as such.
    Unblock-File -LiteralPath (Join-Path $folder 'iphttps.dll')
    Write-Output "installed: $folder\iphttps.dll"
}

# What the user fills in stays as it is; of the other files an earlier, perhaps changed one is kept as NAME.old.
function Copy-Profile {
    $kept = @(Get-Content -LiteralPath (Join-Path $PSScriptRoot 'kept'))
    New-Item -ItemType Directory -Force -Path $profileFolder | Out-Null
    foreach ($file in Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot 'profiles\IP-HTTPS')) {
        $there = Join-Path $profileFolder $file.Name
        if (Test-Path -LiteralPath $there) {
            if ($kept -contains $file.Name) {
                Write-Output "kept:      $there"
                continue
            }
            if ((Get-FileHash -LiteralPath $there).Hash -ne (Get-FileHash -LiteralPath $file.FullName).Hash) {
                Move-Item -LiteralPath $there -Destination "$there.old" -Force
            }
        }
        Copy-Item -LiteralPath $file.FullName -Destination $there -Force
    }
    Write-Output "installed: $profileFolder"
}

function Remove-Plugin {
    $plugins = Join-Path $settings 'plugins'
    if (Test-Path -LiteralPath $plugins) {
        foreach ($version in Get-ChildItem -LiteralPath $plugins) {
            $dll = Join-Path $version.FullName 'epan\iphttps.dll'
            if (Test-Path -LiteralPath $dll) {
                Remove-Item -LiteralPath $dll
                Write-Output "removed:   $dll"
            }
        }
    }
    if (Test-Path -LiteralPath $profileFolder) {
        Write-Output "left:      $profileFolder, with your tables; remove it by hand if you no longer need it"
    }
}

try {
    if ($Uninstall) {
        Remove-Plugin
    }
    else {
        Copy-Plugin (Get-WiresharkVersion (Find-Wireshark))
        Copy-Profile
        Write-Output 'Start Wireshark and choose the profile IP-HTTPS (Edit > Configuration Profiles).'
    }
}
catch {
    [Console]::Error.WriteLine("install.ps1: $($_.Exception.Message)")
    exit 1
}
